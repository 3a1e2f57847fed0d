/** VitePress's own theme without fonts from afar. The elements of web/book come with the head of each page. */
import DefaultTheme from 'vitepress/theme-without-fonts';
import './style.css';

export default { extends: DefaultTheme };
