import { theme as antd, type ThemeConfig } from 'antd'

/** The look, in one place. Contrast is AA in both themes. */
export function themeOf(dark: boolean): ThemeConfig {
  return {
    algorithm: dark ? antd.darkAlgorithm : antd.defaultAlgorithm,
    cssVar: { key: 'zhidu' },
    token: {
      colorPrimary: dark ? '#5b9bff' : '#1558d6',
      colorLink: dark ? '#7fb2ff' : '#1558d6',
      colorError: dark ? '#ff7b7b' : '#c4161c',
      colorTextPlaceholder: dark ? '#9a9a9a' : '#6b6b6b',
      colorTextDescription: dark ? '#b0b0b0' : '#595959',
      colorTextTertiary: dark ? '#a6a6a6' : '#5f5f5f',
      colorBgLayout: dark ? '#101214' : '#f5f6f8',
      borderRadius: 6,
      fontSize: 14,
      // Lists and dialogs that grow while they open move away under the pointer, and a press then hits what is beside.
      motion: false,
      // The page's own, from app.css.
      fontFamily: 'inherit',
    },
    components: {
      Button: { primaryShadow: 'none', defaultShadow: 'none', dangerShadow: 'none', primaryColor: dark ? '#0b1a33' : '#ffffff' },
      Layout: { headerPadding: '0 16px', headerHeight: 52 },
      Menu: { itemBorderRadius: 6, ...(dark && { itemSelectedColor: '#b7d2ff' }) },
      Table: { cellPaddingBlock: 9, cellPaddingInline: 10 },
    },
  }
}

/** The dot before a state, in both themes distinguishable and never alone. */
export const DOTS = {
  grey: '#8c8c8c',
  blue: '#3b7ddd',
  orange: '#d9822b',
  purple: '#8a63d2',
  green: '#3a9a5b',
  red: '#d43a3f',
} as const
