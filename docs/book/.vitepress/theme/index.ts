/** VitePress's own theme without fonts from afar, and the elements of web/book. */
import DefaultTheme from 'vitepress/theme-without-fonts';
import './style.css';

export default {
  extends: DefaultTheme,
  enhanceApp(): void {
    if (typeof window !== 'undefined') void import('../../../../web/book/main.js');
  },
};
